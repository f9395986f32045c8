"""A page whose console is read: whatever a browser complains of is a defect of ours."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Response

_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
_BAD_STATUS = "Failed to load resource: the server responded with a status of "


class Watched:
    """A page in a context of its own, and its troubles: errors, warnings, violations of the policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self._told: list[tuple[str, str]] = []
        self._visited: set[str] = set()
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._on_error(error.error))
        context.on("response", self._on_response)
        self.page = context.new_page()

    @property
    def troubles(self) -> list[str]:
        """What the browser complained of. A page that refuses is an answer, not a trouble, whatever its
        status; a style sheet, script or fetch that is refused is one."""
        return [
            f"{text} ({address})"
            for text, address in self._told
            if not (_BAD_STATUS in text and address in self._visited)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._told.append((f"{message.type}: {message.text}", message.location["url"]))

    def _on_error(self, error: Error) -> None:
        self._told.append((f"exception: {error.message}", error.stack or ""))

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._visited.add(response.url)

"""What accounts count."""

from prometheus_client import Counter

SIGN_INS = Counter("fonoteka_sign_ins_total", "Sign-ins by outcome.", ["outcome"])

"""From a sealed spool folder to a playable recording, in durable steps; the workflow engine lives here only."""

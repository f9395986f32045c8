"""From a sealed spool folder to a playable recording, in durable steps; the only home of the engine."""

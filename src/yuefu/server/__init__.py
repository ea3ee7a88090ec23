"""The app: settings, REST and studio on one port, the workers beside it."""

"""What the REST routes and the pages share: who asks, what is allowed, how errors are told."""

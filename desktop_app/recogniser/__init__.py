"""The process boundary. The window knows `client` and `messages` only."""

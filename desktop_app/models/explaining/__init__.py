"""Looking into a network: which places of it are shown, their values, and heat maps."""

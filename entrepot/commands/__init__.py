"""The commands of `entrepot`, one module a group."""

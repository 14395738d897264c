"""The lake: one folder or one bucket that holds raw replies and Delta tables. The only door to deltalake."""

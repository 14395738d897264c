"""What people do with their own accounts. Pages and API translate to and from these functions; they decide."""

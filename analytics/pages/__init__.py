"""The pages: each says in HTML what its chart shows, and hands the chart its first data."""

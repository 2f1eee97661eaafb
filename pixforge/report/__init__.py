"""The review page: every picture of a tree before and after, on one page that needs no server."""

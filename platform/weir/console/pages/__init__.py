"""The API, one module per page: what a page shows, as its JSON twin."""

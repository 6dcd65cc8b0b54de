"""What every request passes: who asks, what is refused, how an error looks, and what is served beside the API."""

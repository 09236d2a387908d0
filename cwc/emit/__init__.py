"""Plan to Python text, through the templates and the type gate."""

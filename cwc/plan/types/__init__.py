"""Types of context values and of the inputs that take them, read from Pydantic's core schemas, and how they relate."""

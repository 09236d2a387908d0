"""What is remembered from build to build, so that only what has changed is compiled."""

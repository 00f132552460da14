"""What is found, as the JSON documents that other programs rely on."""

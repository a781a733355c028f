"""The window of Findling: views over the library `findling`, which knows nothing of them."""

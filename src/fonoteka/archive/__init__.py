"""What people do with calls: find, play, download, delete. Use cases are verbs."""

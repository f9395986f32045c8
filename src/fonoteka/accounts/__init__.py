"""Who people are: users, passwords, sign-in, tokens."""

"""What stands between the network and the pages: the frontier, admission, sessions in cookies, counted tries."""

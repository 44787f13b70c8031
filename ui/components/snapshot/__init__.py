"""What a saved page runs by itself: the shell round its views, and the stage on which a view stands."""

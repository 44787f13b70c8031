"""What is trained here: the processes, and what each trainer learns."""

"""Several machines: questions go to the replicas of a cluster by HTTP, and values come back; Ray is in replica.py."""

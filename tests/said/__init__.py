"""What the interface says, read out of the sources: the sentences that every catalogue of assets/languages holds."""

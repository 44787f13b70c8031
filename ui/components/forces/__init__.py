"""Points that attract and repel each other under a contrastive loss: the browser's part."""

"""What a reviewer must see of a deployment, on one page: facts in, a document out. Neither Pulumi nor a cloud."""

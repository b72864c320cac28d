"""The benchmark families: what to evaluate and how to reduce it to rows."""

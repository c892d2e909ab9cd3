"""The whole-feed decision: a feed is judged by how things stand after all of it (3.5). Values in, values out."""

"""Pages to look at: labels drawn on their images, texts and recordings, as files of HTML."""

"""Tables, pictures and the HTML report of a recorded run."""

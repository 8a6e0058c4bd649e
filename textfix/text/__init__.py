"""Code points, character classes, protected spans, formatting rules, scripts: text without any table or model."""

"""How far people who labeled the same task agree, and how far models agree with them."""

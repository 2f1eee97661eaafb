"""How good conversions are: measures of one picture, a critic, and tables over many. Needs only the base install."""

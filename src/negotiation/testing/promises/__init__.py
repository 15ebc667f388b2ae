"""The promises of stores, one test each; `negotiation.testing.contracts` puts them together."""

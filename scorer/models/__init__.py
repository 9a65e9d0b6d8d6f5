"""The models that come with the product, as data. `scorer.contracts.model.file` reads them."""

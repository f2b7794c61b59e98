"""Who moves money: one module or folder a provider, all under `base.PaymentProvider`."""

"""The view-model: a result turned into what the templates arrange. It picks and words; it decides nothing."""

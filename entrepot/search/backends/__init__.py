"""Engines that match analysed queries against analysed documents."""

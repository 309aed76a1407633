"""The parts of `helio serve`: what is fetched, seldom and with care; what is made of it for small boards;
and where boards and people find that."""

"""Prints the titles and links in a feed, on a board or a desktop."""

from helio.feed import Feed
from helio.html import plain

feed = Feed(("title", "link"), items=10)
with open("news.xml", "rb") as file:
    while not feed.is_done and (piece := file.read(512)):
        for item in feed.feed(piece):
            print(plain(item.title, 40), item.link)
feed.close()

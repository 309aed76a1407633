"""All that is served: the sources, with the copy of each."""

import asyncio
import functools
import itertools

from helio_host.installed import cache_folder
from helio_host.serving.copies import FileCopy, Folder, UrlCopy
from helio_host.serving.store import Store
from helio_host.serving.upstream import Client


class Served:
    """The copies and folders of `sources`, a list of Source, as an async context manager. `on_problem`, here
    `report`, is called with the name of a source and what is wrong with it, whenever that is something new."""

    def __init__(self, sources, on_problem):
        self.sources = {source.name: source for source in reversed(sources)}  # of one name the first
        self.all = sources
        self.copies = {}  # {name: Copy}
        self.folders = {}  # {name: Folder}
        self.report = on_problem
        self._client = None

    async def __aenter__(self):
        self._client = Client({source.origin for source in self.all if source.origin})
        store = Store(cache_folder("serve"))
        for source in self.all:
            said = functools.partial(self.report, source.name)
            if source.problem:
                said(source.problem)
            elif source.url:
                self.copies[source.name] = UrlCopy(source.url, self._client, store, source.choice, said)
            elif source.path.is_dir():
                said = functools.partial(self._in_folder, source.name)
                self.folders[source.name] = Folder(source.path, source.choice, said)
            else:
                self.copies[source.name] = FileCopy(source.path, source.choice, said)
        await asyncio.gather(*[copy.restore() for copy in self.copies.values()])
        # beside the first boards: what is wrong with a source shall be said before one asks
        for copy in itertools.chain(
            self.copies.values(), *[folder.look().values() for folder in self.folders.values()]
        ):
            copy.begin()
        return self

    async def __aexit__(self, *error):
        await asyncio.gather(*[copy.close() for copy in self.copies.values()])
        await self._client.close()

    def copy(self, name, file=None):
        """The Copy of the source of that name, or of a file in it; None when there is none."""
        if file is None:
            return self.copies.get(name)
        folder = self.folders.get(name)
        return folder and folder.copy(file)

    async def look_into_folders(self):
        """`{name of a folder: {file: Copy}}`, each of them fresh if it can be."""
        found = {name: folder.look() for name, folder in self.folders.items()}
        copies = [copy for files in found.values() for copy in files.values()]
        await asyncio.gather(*[copy.refresh() for copy in copies if not copy.is_fresh()])
        return found

    def _in_folder(self, name, file, problem):
        self.report(name if file is None else "%s/%s" % (name, file), problem)

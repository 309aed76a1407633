"""helio: messages for microcontrollers.

Importing this alone imports nothing else: a program pays for the modules it names,
`from helio.node import Node` on a board or a desktop, `import helio.blocking as helio`
in a script that wants no asyncio.
"""

__version__ = "0.1.0"

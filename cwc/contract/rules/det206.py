"""DET206: calls that reach the network without a library of it."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined

RULE = Rule(
    definition=defined("DET206", "network_call", "error", "The network is reached"),
    instead="fetch it in a tool, and let the flow take what comes as an input",
    members=banned("""
        asyncio.open_connection asyncio.start_server asyncio.open_unix_connection asyncio.start_unix_server
        asyncio.AbstractEventLoop.create_connection asyncio.AbstractEventLoop.create_server
        asyncio.AbstractEventLoop.create_unix_connection asyncio.AbstractEventLoop.create_unix_server
        asyncio.AbstractEventLoop.create_datagram_endpoint asyncio.AbstractEventLoop.connect_accepted_socket
        asyncio.AbstractEventLoop.getaddrinfo asyncio.AbstractEventLoop.getnameinfo asyncio.AbstractEventLoop.sock_recv
        asyncio.AbstractEventLoop.sock_recv_into asyncio.AbstractEventLoop.sock_sendall
        asyncio.AbstractEventLoop.sock_connect
        asyncio.AbstractEventLoop.sock_accept asyncio.AbstractEventLoop.sendfile asyncio.AbstractEventLoop.start_tls
        anyio.connect_tcp anyio.create_tcp_listener anyio.connect_unix anyio.getaddrinfo trio.open_tcp_stream
        trio.socket.*
        logging.handlers.SocketHandler logging.handlers.HTTPHandler logging.handlers.SMTPHandler
        logging.handlers.DatagramHandler logging.handlers.SysLogHandler logging.config.listen
        urllib.request.* http.client.* http.server.*
    """),
)  # fmt: skip

"""DET102: the network."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined, words

RULE = Rule(
    definition=defined("DET102", "network_import", "error", "A module imports a library of the network"),
    instead="fetch it in a tool, and let the flow take what comes as an input",
    modules=words("""
        socket ssl socketserver select selectors http.client http.server http.cookiejar urllib.request
        urllib.robotparser ftplib smtplib imaplib poplib nntplib telnetlib xmlrpc smtpd asyncore asynchat
        wsgiref.simple_server cgi webbrowser requests requests_toolbelt requests_oauthlib httpx httpx2 httpcore
        h11 h2 aiohttp urllib3 httplib2 pycurl treq websockets websocket wsproto socketio engineio sseclient
        httpx_sse grpc grpclib paramiko asyncssh fabric scapy zmq nats pika kombu celery kafka confluent_kafka
        aiokafka paho boto3 botocore aiobotocore aioboto3 s3fs gcsfs fsspec.implementations.http google.cloud
        google.auth google.api_core googleapiclient azure msal redis aioredis valkey pymongo motor psycopg
        psycopg2 asyncpg pg8000 mysql pymysql MySQLdb aiomysql cx_Oracle oracledb pyodbc pymssql
        sqlalchemy.engine sqlalchemy.create_engine sqlalchemy.ext.asyncio elasticsearch opensearchpy cassandra
        neo4j influxdb_client clickhouse_driver clickhouse_connect snowflake minio hvac consul etcd3 kubernetes
        docker ldap3 dns pysnmp sentry_sdk twilio stripe slack_sdk slack_bolt telegram discord tweepy praw
        github gitlab jira kazoo pinecone qdrant_client weaviate chromadb pymilvus niquests curl_cffi
        tornado.httpclient twisted.internet trio_websocket starlette.testclient fastapi uvicorn flask django.db
        mechanize scrapy selenium playwright primp supabase firebase_admin
    """),
    members=banned("socket.*"),
)  # fmt: skip

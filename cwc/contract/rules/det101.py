"""DET101: libraries of language models."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, defined, words

RULE = Rule(
    definition=defined("DET101", "llm_sdk_import", "error", "A module imports a library of language models"),
    instead="call the model in a tool, and let the flow take its answer as an input",
    modules=words("""
        openai anthropic litellm langchain langchain_core langchain_community langchain_openai
        langchain_anthropic langchain_google_genai langchain_text_splitters langgraph langsmith llama_index
        llama_cpp google.genai google.generativeai google.ai vertexai mistralai cohere groq ollama transformers
        vllm huggingface_hub together replicate instructor pydantic_ai autogen autogen_core autogen_agentchat
        ag2 crewai dspy semantic_kernel haystack guidance outlines marvin ai21 fireworks openrouter portkey_ai
        sentence_transformers tiktoken_ext deepspeed agents xai_sdk smolagents agno phi mirascope guardrails
        letta cerebras langfuse voyageai aleph_alpha_client writerai azure.ai azure.openai cohere_aws mlx_lm
        ctransformers gpt4all aisuite magentic lmql promptflow embedchain
    """),
)  # fmt: skip

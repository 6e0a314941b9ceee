"""What tests share: servers, repositories, projects, a proxy that makes faults."""

"""Map layers and the pages composed from them: plain data in, Folium out. Imports nothing else of ours."""

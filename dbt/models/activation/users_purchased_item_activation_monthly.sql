{{ activation(fact="users_purchased_item", grain="monthly") }}

{{ activation(fact="users_purchased_item", grain="weekly") }}
